// SPDX-License-Identifier: Apache-2.0

/// What every route uses: calls, responses, problems, preconditions, pages and limits.
@NullMarked
package dev.weir.control.api.call;

import org.jspecify.annotations.NullMarked;
