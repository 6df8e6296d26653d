// SPDX-License-Identifier: Apache-2.0

/// Values that all resources share: names, references, quantities, percentages, problems.
@NullMarked
package dev.weir.model.value;

import org.jspecify.annotations.NullMarked;
