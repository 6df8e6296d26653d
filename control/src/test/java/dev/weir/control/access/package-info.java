// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.weir.control.access;

import org.jspecify.annotations.NullMarked;
