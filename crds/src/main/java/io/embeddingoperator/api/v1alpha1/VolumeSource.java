package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Required;
import java.util.List;

/**
 * Files on a mounted volume.
 *
 * @param claimName the PersistentVolumeClaim that a runner pod mounts; without a cluster the path is taken as it is, and this may be absent
 * @param path a glob, relative to the volume's root (on a laptop, to the working folder, or absolute)
 * @param keyField the field that identifies a document; not for Text
 * @param textFields joined by a newline in this order; not for Text
 * @param metadataFields copied beside the vectors
 */
public record VolumeSource(
        String claimName,
        @Required String path,
        @Required DocumentFormat format,
        String keyField,
        List<String> textFields,
        List<String> metadataFields)
        implements Source {
    public VolumeSource {
        Field.check(
                claimName == null || !claimName.isBlank(),
                "spec.source.volume.claimName is empty: name the PersistentVolumeClaim, or leave it out on a laptop");
        Field.requiredText(path, "spec.source.volume.path", "give a glob such as in/*.ndjson");
        Field.required(format, "spec.source.volume.format", "use NDJSON, Parquet or Text");
        textFields = List.copyOf(Field.orElse(textFields, List.of()));
        metadataFields = List.copyOf(Field.orElse(metadataFields, List.of()));
        FileFields.check("spec.source.volume", format, keyField, textFields, metadataFields);
    }
}
