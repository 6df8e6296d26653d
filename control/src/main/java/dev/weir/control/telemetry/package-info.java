// SPDX-License-Identifier: Apache-2.0

/// What gateways report, accepted exactly once: baseline histograms for whoever comes next, and for
/// a live rollout the cohorts that its analysis consumes in order.
@NullMarked
package dev.weir.control.telemetry;

import org.jspecify.annotations.NullMarked;
