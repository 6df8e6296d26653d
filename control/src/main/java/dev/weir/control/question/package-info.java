// SPDX-License-Identifier: Apache-2.0

/// Queries to gateways, for data that only gateways have and that is not worth sending
/// continuously.
@NullMarked
package dev.weir.control.question;

import org.jspecify.annotations.NullMarked;
