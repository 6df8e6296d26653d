// SPDX-License-Identifier: Apache-2.0

/// The vocabulary of one request: what came in ([RequestHead], [Ask]), what was decided
/// ([Decision]), how an attempt ended ([Ending], [Failure]), when things happened ([Timeline]), and
/// the ports between the request path and its neighbours ([Authenticator], [SnapshotHolder],
/// [Recorder]). Stages depend on this package and never on each other.
@NullMarked
package dev.weir.gateway.exchange;

import org.jspecify.annotations.NullMarked;
