// SPDX-License-Identifier: Apache-2.0
/// Parts of trial `overload`: tenants that each send at a fixed rate, whatever the answers.
@NullMarked
package dev.weir.trials.overload;

import org.jspecify.annotations.NullMarked;
