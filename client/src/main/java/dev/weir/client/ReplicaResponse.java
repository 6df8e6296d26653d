// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.ReplicaView;
import java.util.Optional;

/// @param message what happens now, one line
/// @param replica as it stands after the order
public record ReplicaResponse(String message, Optional<ReplicaView> replica) {}
