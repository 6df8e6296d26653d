// SPDX-License-Identifier: Apache-2.0

@NullMarked
package dev.weir.control.audit;

import org.jspecify.annotations.NullMarked;
