// SPDX-License-Identifier: Apache-2.0

/// Tests of what channels are sent, and of the ways there.
@NullMarked
package dev.weir.control.channel;

import org.jspecify.annotations.NullMarked;
