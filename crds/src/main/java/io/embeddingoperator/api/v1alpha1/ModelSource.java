package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a model comes from: exactly one member is set.
 *
 * @param bundled the name of a model that is built into the runner, for example {@code all-minilm-l6-v2}; without it one of the
 *     other members is set
 * @param image a model in a container image ({@code FROM scratch}, {@code COPY} of its files), mounted read-only
 * @param volume a model in a folder of a PersistentVolumeClaim
 * @param huggingFace a model of the Hugging Face hub
 * @param url a model behind two URLs, each file verified by its checksum
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "[has(self.bundled), has(self.image), has(self.volume), has(self.huggingFace), has(self.url)]"
                + ".filter(x, x).size() == 1",
        message = "model needs exactly one of bundled, image, volume, huggingFace, url")
public record ModelSource(
        @Size(max = Limit.MODEL) @Pattern(Field.NOT_BLANK) @Nullable
        String bundled,

        @Nullable ImageModel image,
        @Nullable VolumeModel volume,
        @Nullable HuggingFaceModel huggingFace,
        @Nullable UrlModel url) {
    public ModelSource {
        Field.check(
                Stream.of(bundled, image, volume, huggingFace, url)
                                .filter(Objects::nonNull)
                                .count()
                        == 1,
                "spec.embedder.onnx.model needs exactly one of bundled, image, volume, huggingFace, url");
        Field.optionalText(bundled, "spec.embedder.onnx.model.bundled", "use the name of a bundled model");
    }

    public Model selected() {
        if (bundled != null) {
            return new Model.Bundled(bundled);
        }
        if (image != null) {
            return new Model.Folder(image.mountPath(), Optional.ofNullable(image.file()));
        }
        if (volume != null) {
            return new Model.Folder(volume.mountPath(), Optional.ofNullable(volume.file()));
        }
        return huggingFace != null
                ? new Model.Hub(huggingFace)
                : new Model.Download(Objects.requireNonNull(url, "url"));
    }
}
