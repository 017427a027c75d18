package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.ConfigMapVolumeSource;
import io.fabric8.kubernetes.api.model.EmptyDirVolumeSource;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimVolumeSource;
import io.fabric8.kubernetes.api.model.SecretVolumeSource;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A volume of the runner pods, of one of the kinds that runs need: exactly one member beside the name is set.
 *
 * @param name the name of the volume, for example {@code models-cache}
 * @param persistentVolumeClaim a claim in the namespace
 * @param emptyDir a folder that goes with the pod
 * @param configMap a ConfigMap of the namespace, such as the certificates of a company's own authority
 * @param secret a Secret of the namespace, such as a client's certificate, where the operator was installed to allow it by label
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "[has(self.persistentVolumeClaim), has(self.emptyDir), has(self.configMap), has(self.secret)]"
                + ".filter(x, x).size() == 1",
        message = TemplateVolume.ADVICE)
public record TemplateVolume(
        @Required @Size(max = Limit.LABEL) @Pattern(TemplateVolume.NAME)
        String name,

        @Nullable PersistentVolumeClaimVolumeSource persistentVolumeClaim,
        @Nullable EmptyDirVolumeSource emptyDir,
        @Nullable ConfigMapVolumeSource configMap,
        @Nullable SecretVolumeSource secret) {
    static final String NAME = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
    static final String ADVICE =
            "a volume of the template needs exactly one of persistentVolumeClaim, emptyDir, configMap,"
                    + " secret; no other kind is allowed";

    void check(String field) {
        Field.requiredText(name, field + ".name", "name the volume");
        Field.check(
                Field.matches(NAME, name),
                () -> "%s.name is %s: use small letters, digits and dashes".formatted(field, name));
        Field.check(
                Stream.of(persistentVolumeClaim, emptyDir, configMap, secret)
                                .filter(Objects::nonNull)
                                .count()
                        == 1,
                () -> field + ": " + ADVICE);
    }
}
