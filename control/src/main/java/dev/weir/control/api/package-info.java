// SPDX-License-Identifier: Apache-2.0
/// The HTTP API of the control plane: one route table, problems as RFC 9457, watches as server-sent
/// events. It contains no rules: `.access` checks permissions, `.pipeline` runs writes,
/// `.validation` checks resources and `.change` commits.
@NullMarked
package dev.weir.control.api;

import org.jspecify.annotations.NullMarked;
