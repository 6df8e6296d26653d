// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.weir.control.api;

import org.jspecify.annotations.NullMarked;
