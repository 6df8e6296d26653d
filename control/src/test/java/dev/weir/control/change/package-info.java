// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.weir.control.change;

import org.jspecify.annotations.NullMarked;
