// SPDX-License-Identifier: Apache-2.0
/// The data folder of `up`: who may use it, and small files in it that only their owner reads. Knows nothing of what
/// the files mean.
@NullMarked
package io.e2relay.deploy.folder;

import org.jspecify.annotations.NullMarked;
