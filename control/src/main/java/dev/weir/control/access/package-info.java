// SPDX-License-Identifier: Apache-2.0
/// Authentication and authorisation: an index of keys, principals and role bindings, and a sealed
/// decision. An error denies. Every denial is audited, at a bounded rate.
@NullMarked
package dev.weir.control.access;

import org.jspecify.annotations.NullMarked;
