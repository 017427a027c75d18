package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * Where the runner container sees a volume of the template.
 *
 * @param name the name of the volume, for example {@code models-cache}
 * @param mountPath the folder, for example {@code /cache}: /source, /model, /models, /data, /cache, /certs, /scratch, /mnt or
 *     one below
 * @param subPath the folder or file inside the volume that is mounted in place of the whole, for example {@code bge}; without it
 *     the whole
 * @param readOnly whether the runner may not write to it, for example true; without it the runner may
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "self.mountPath.matches('" + MountFolder.FORM + "')",
        messageExpression = "'mountPath is ' + self.mountPath + ': " + MountFolder.ADVICE + "'",
        fieldPath = ".mountPath")
public record TemplateMount(
        @Required @Size(max = Limit.LABEL) @Pattern(Field.NOT_BLANK)
        String name,

        @Required @Size(max = Limit.PATH) @Pattern(Field.NOT_BLANK)
        String mountPath,

        @Size(max = Limit.PATH) @Pattern(TemplateMount.SUB_PATH) @Nullable
        String subPath,

        @Nullable Boolean readOnly) {
    static final String SUB_PATH = "^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$";

    void check(String field) {
        Field.requiredText(name, field + ".name", "name the volume");
        Field.requiredText(mountPath, field + ".mountPath", "name the folder");
        Field.check(MountFolder.isAllowed(mountPath), () -> field + ".mountPath " + MountFolder.refusal(mountPath));
        Field.check(
                subPath == null || Field.matches(SUB_PATH, subPath),
                () -> "%s.subPath is %s: use a path below the volume's root, such as in/2026"
                        .formatted(field, subPath));
    }
}
