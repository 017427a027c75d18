package io.embeddingoperator.runner.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A manifest as a user writes it, which a test changes field by field before it writes the file. */
public final class TestingManifest {
    private static final ObjectMapper YAML = new YAMLMapper();

    private static final String EMBEDDER_AND_SINK = """
              chunking: {strategy: Recursive, maxTokens: 32}
              embedder:
                onnx:
                  model:
                    volume: {mountPath: %s}
                  pooling: Mean
                  maxTokens: 32
              sink:
                pgvector:
                  connection: {secretKeyRef: {name: sink, key: uri}}
                  table: public.vectors
                  index: {type: None}
              sharding: {shards: 1, parallelism: 1}
            """;

    private static final String TABLE = """
            apiVersion: embedding-operator.io/v1alpha1
            kind: EmbeddingJob
            metadata: {name: proof}
            spec:
              source:
                postgres:
                  connection: {secretKeyRef: {name: source, key: uri}}
                  table: public.documents
                  keyColumn: id
                  textColumns: [body]
            """ + EMBEDDER_AND_SINK;

    private static final String FILES = """
            apiVersion: embedding-operator.io/v1alpha1
            kind: EmbeddingJob
            metadata: {name: proof}
            spec:
              source:
                volume: {path: %s, format: NDJSON, keyField: id, textFields: [body]}
            """ + EMBEDDER_AND_SINK;

    private static final String OBJECTS = """
            apiVersion: embedding-operator.io/v1alpha1
            kind: EmbeddingJob
            metadata: {name: proof}
            spec:
              source:
                s3: {bucket: docs, prefix: in/, endpoint: "%s", format: NDJSON, keyField: id, textFields: [body]}
            """ + EMBEDDER_AND_SINK;

    private final ObjectNode root;

    private TestingManifest(ObjectNode root) {
        this.root = root;
    }

    /** Embeds the table documents (id, body) into the table vectors, without an index, in one shard. */
    public static TestingManifest forTable(Path model) {
        return read(TABLE.formatted(model));
    }

    /** As {@link #forTable}, for NDJSON files with the fields id and body. */
    public static TestingManifest forFiles(String glob, Path model) {
        return read(FILES.formatted(glob, model));
    }

    /** As {@link #forFiles}, for the objects below {@code in/} in the bucket {@code docs} of a server. */
    public static TestingManifest forObjects(String endpoint, Path model) {
        return read(OBJECTS.formatted(endpoint, model));
    }

    /** The same manifest with a field set. */
    public TestingManifest with(String path, Object value) {
        ObjectNode changed = root.deepCopy();
        String[] names = path.split("\\.");
        ObjectNode parent = changed;
        for (String name : Arrays.copyOf(names, names.length - 1)) {
            parent = parent.withObjectProperty(name);
        }
        parent.set(names[names.length - 1], YAML.valueToTree(value));
        return new TestingManifest(changed);
    }

    /** The same manifest without a field. */
    public TestingManifest without(String path) {
        ObjectNode changed = root.deepCopy();
        String[] names = path.split("\\.");
        ObjectNode parent = changed;
        for (String name : Arrays.copyOf(names, names.length - 1)) {
            parent = parent.withObjectProperty(name);
        }
        parent.remove(names[names.length - 1]);
        return new TestingManifest(changed);
    }

    public TestingManifest into(String table) {
        return with("spec.sink.pgvector.table", table);
    }

    public TestingManifest shards(int shards) {
        return with("spec.sharding.shards", shards);
    }

    public TestingManifest indexed() {
        return with("spec.sink.pgvector.index.type", "HNSW");
    }

    /** Writes {@code job.yaml}. */
    public Path write(Path folder) {
        return write(folder, "job.yaml");
    }

    public Path write(Path folder, String name) {
        try {
            return Files.writeString(folder.resolve(name), YAML.writeValueAsString(root));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static TestingManifest read(String yaml) {
        try {
            return new TestingManifest((ObjectNode) YAML.readTree(yaml));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
