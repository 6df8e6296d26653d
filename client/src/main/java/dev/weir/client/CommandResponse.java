// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.Default;

/// @param message one line for people: what happens now
public record CommandResponse(@Default("") String message) {}
