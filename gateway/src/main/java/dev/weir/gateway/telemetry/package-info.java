// SPDX-License-Identifier: Apache-2.0

/// Converts request events to numbers. [dev.weir.gateway.telemetry.GatewayRecorder] receives each
/// event once and passes it on:
///
/// - [dev.weir.gateway.telemetry.ReplicaTally]: counts and histograms per replica, always;
/// - [dev.weir.gateway.telemetry.ArrivalRecorder]: while a rollout is observed, arrivals per arm
///   and weight, and a record per request;
/// - [dev.weir.gateway.telemetry.GatewayMetrics]: the same for `/metrics`;
/// - [dev.weir.gateway.telemetry.AccessLog]: one line per request, if enabled.
///
/// [dev.weir.gateway.telemetry.TelemetrySender] converts the first two to numbered batches and
/// sends each until the control plane has it.
@NullMarked
package dev.weir.gateway.telemetry;

import org.jspecify.annotations.NullMarked;
