// SPDX-License-Identifier: Apache-2.0

/// Telemetry of gateways, accepted exactly once: baseline histograms for later releases, and for a
/// live rollout the cohorts that its analysis consumes in order.
@NullMarked
package dev.weir.control.telemetry;

import org.jspecify.annotations.NullMarked;
