// SPDX-License-Identifier: Apache-2.0

/// Which version: match the model name, weigh the backends, draw the arm, remember sessions. Weight
/// 0 means none.
@NullMarked
package dev.weir.gateway.route;

import org.jspecify.annotations.NullMarked;
