// SPDX-License-Identifier: Apache-2.0
/// Client requests recorded for replay: a redacted and encrypted sample in a bounded file of the
/// gateway, only if a Service configures it.
///
///     event loop -> [Recordings] -> queue -> own thread: [Redactor] -> [RecordingKey] -> [RecordingFile]
@NullMarked
package dev.weir.gateway.recording;

import org.jspecify.annotations.NullMarked;
