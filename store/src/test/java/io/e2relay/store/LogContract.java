// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

/// What every log keeps to, the fake one as well as the real one.
interface LogContract extends AppendContract, ReadContract {
}
