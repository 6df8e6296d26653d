// SPDX-License-Identifier: Apache-2.0
/// How a judge is asked what an answer is worth, and how its word is read.
///
/// Nothing here calls anybody; the request that comes of it is made by the gateway's own pipeline.
@org.jspecify.annotations.NullMarked
package dev.weir.gateway.grade;
