// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.value;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The default value of a field, in the field's own text form: a scalar as a user would write it
/// (`10s`, `20%`, `true`), or `{}` / `[]` for an object or list whose own fields have defaults. A
/// component without this annotation is required, unless it is an `Optional`.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Default {
  String value();
}
