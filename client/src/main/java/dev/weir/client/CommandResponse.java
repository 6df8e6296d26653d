// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.value.Default;

/// @param message one human-readable line that describes what happens next
public record CommandResponse(@Default("") String message) {}
