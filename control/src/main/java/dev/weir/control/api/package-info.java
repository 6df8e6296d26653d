// SPDX-License-Identifier: Apache-2.0
/// The control plane over HTTP: one route table, problems as RFC 9457, watches as server-sent
/// events. It contains no rules: `.access` authorises, `.validation` validates, and `.change`
/// writes.
@NullMarked
package dev.weir.control.api;

import org.jspecify.annotations.NullMarked;
