// SPDX-License-Identifier: Apache-2.0
/// Plans the capacity of releases and forecasts their cost. All numbers come from wanted, not from
/// running replicas, so the result is the same before and after a crash. Pure.
@NullMarked
package dev.weir.control.capacity;

import org.jspecify.annotations.NullMarked;
