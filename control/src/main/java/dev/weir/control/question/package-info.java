// SPDX-License-Identifier: Apache-2.0

/// Questions to the gateways, for what only they know and nobody wants to hear all the time.
@NullMarked
package dev.weir.control.question;

import org.jspecify.annotations.NullMarked;
