// SPDX-License-Identifier: Apache-2.0
/// Prompt of a judge and parsing of its grade.
///
/// This package sends nothing; the gateway's own pipeline sends the request.
@org.jspecify.annotations.NullMarked
package dev.weir.gateway.grade;
