// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

/// What a new device shows: what the other device has to get, and the code by which its user knows that it got that.
public record Offered(String enrolment, String code) {
}
