// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.measure;

import java.util.Map;

/// What one round of one contestant came to: the figure that is compared, and what else is worth telling.
public record Sample(double figure, Map<String, Double> also) {
}
