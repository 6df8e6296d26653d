// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.view.ReplicaView;
import java.util.Optional;

/// @param message one line that describes what happens next
/// @param replica its state after the command
public record ReplicaResponse(String message, Optional<ReplicaView> replica) {}
