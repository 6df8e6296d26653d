// SPDX-License-Identifier: Apache-2.0
/// Who is calling and what they may do: keys, principals and role bindings compiled into an index,
/// and a sealed verdict. An error denies; every denial is audited, at a bounded rate.
@NullMarked
package dev.weir.control.access;

import org.jspecify.annotations.NullMarked;
