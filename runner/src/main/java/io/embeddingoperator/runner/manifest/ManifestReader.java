package io.embeddingoperator.runner.manifest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.embeddingoperator.api.v1alpha1.ApiVersion;
import io.embeddingoperator.runner.failure.ReadPermission;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads an EmbeddingJob from YAML or JSON, as strictly as an API server: an unknown field, a field that stands twice or a
 * text where a number belongs is refused with a sentence that names it. Other objects in the same file are passed over.
 */
public final class ManifestReader {
    private static final ObjectMapper YAML = YAMLMapper.builder(YAMLFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    private ManifestReader() {}

    /** @throws SpecificationException with a sentence that names the file, the field, the value and what to do */
    public static Manifest read(Path file) {
        try {
            return read(file.toString(), Files.readString(file));
        } catch (NoSuchFileException e) {
            throw new SpecificationException("%s does not exist: give the path of a manifest".formatted(file));
        } catch (AccessDeniedException e) {
            ReadPermission.check(file);
            throw new SpecificationException(ReadPermission.sentence(file), e);
        } catch (IOException e) {
            throw new SpecificationException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }

    static Manifest read(String name, String yaml) {
        JsonNode job = onlyJob(name, objects(name, yaml));
        UnknownFields.check(name, job, Manifest.class);
        try {
            return YAML.treeToValue(job, Manifest.class);
        } catch (JsonProcessingException e) {
            throw new SpecificationException(name + ": " + MappingProblem.sentence(e, job), e);
        }
    }

    private static List<JsonNode> objects(String name, String yaml) {
        List<JsonNode> objects = new ArrayList<>();
        try (MappingIterator<JsonNode> documents =
                YAML.readerFor(JsonNode.class).readValues(yaml)) {
            while (documents.hasNextValue()) {
                objects.add(documents.nextValue());
            }
        } catch (JsonProcessingException e) {
            throw new SpecificationException(name + ": " + MappingProblem.sentence(e, MissingNode.getInstance()), e);
        } catch (IOException e) {
            throw new IllegalStateException("a text in memory can always be read", e);
        }
        return objects;
    }

    private static JsonNode onlyJob(String name, List<JsonNode> objects) {
        List<JsonNode> jobs = objects.stream()
                .filter(object -> ApiVersion.KIND.equals(object.path("kind").asText()))
                .toList();
        if (jobs.size() != 1) {
            throw new SpecificationException("%s holds %s EmbeddingJob: a run needs exactly one"
                    .formatted(name, jobs.isEmpty() ? "no" : "more than one"));
        }
        JsonNode job = jobs.getFirst();
        String version = job.path("apiVersion").asText();
        if (!ApiVersion.GROUP_VERSION.equals(version)) {
            throw new SpecificationException("%s: apiVersion is %s: use %s"
                    .formatted(name, version.isEmpty() ? "missing" : version, ApiVersion.GROUP_VERSION));
        }
        // What the API server keeps beside the spec is not the runner's to read.
        return ((ObjectNode) job.deepCopy()).without("status");
    }
}
