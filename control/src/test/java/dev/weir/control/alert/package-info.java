// SPDX-License-Identifier: Apache-2.0

/// Tests of alerts beneath the control plane: budgets and their burn rates, and channels side by
/// side.
@NullMarked
package dev.weir.control.alert;

import org.jspecify.annotations.NullMarked;
