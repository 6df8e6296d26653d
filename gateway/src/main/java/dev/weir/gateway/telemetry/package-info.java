// SPDX-License-Identifier: Apache-2.0

/// What happened becomes numbers. [dev.weir.gateway.telemetry.GatewayRecorder] is told each fact
/// once and passes it on:
///
/// - [dev.weir.gateway.telemetry.ReplicaTally]: counts and histograms per replica, always;
/// - [dev.weir.gateway.telemetry.ArrivalLedger]: while a rollout is observed, who arrived in which
///   arm under which weight, and a record per request;
/// - [dev.weir.gateway.telemetry.GatewayMetrics]: the same for `/metrics`;
/// - [dev.weir.gateway.telemetry.AccessLog]: one line per request, where wanted.
///
/// [dev.weir.gateway.telemetry.TelemetrySender] turns the first two into numbered batches and sends
/// each until the control plane has it.
@NullMarked
package dev.weir.gateway.telemetry;

import org.jspecify.annotations.NullMarked;
