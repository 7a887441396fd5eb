// SPDX-License-Identifier: Apache-2.0
/// The development certificate: a local authority that signs for this machine's names. Knows nothing of who listens.
@NullMarked
package io.e2relay.deploy.certificate;

import org.jspecify.annotations.NullMarked;
