// SPDX-License-Identifier: Apache-2.0

/// The vocabulary of one request: its input ([RequestHead], [ParsedRequest]), its decision
/// ([VersionDecision]), the result of an attempt ([AttemptResult], [Failure]), its times
/// ([Timeline]), and the ports between the request path and other components ([Authenticator],
/// [SnapshotHolder], [RequestRecorder]). Stages depend on this package and never on each other.
@NullMarked
package dev.weir.gateway.exchange;

import org.jspecify.annotations.NullMarked;
