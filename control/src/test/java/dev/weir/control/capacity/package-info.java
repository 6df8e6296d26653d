// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.weir.control.capacity;

import org.jspecify.annotations.NullMarked;
