// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

/// To which of a member's keys the epochs' keys are wrapped; zeros for who has no account yet.
public record KeyGeneration(long accountSeq, long aekGen) {
}
