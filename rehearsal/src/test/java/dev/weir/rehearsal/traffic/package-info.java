// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.weir.rehearsal.traffic;

import org.jspecify.annotations.NullMarked;
