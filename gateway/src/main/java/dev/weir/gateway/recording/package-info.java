// SPDX-License-Identifier: Apache-2.0
/// Requests of clients that are kept to be asked again: a sample of them, redacted, encrypted, in a
/// bounded file of the gateway's own, and only where a Service says so.
///
///     event loop -> [Recordings] -> queue -> own thread: [Redactor] -> [RecordingKey] -> [Ring]
@NullMarked
package dev.weir.gateway.recording;

import org.jspecify.annotations.NullMarked;
