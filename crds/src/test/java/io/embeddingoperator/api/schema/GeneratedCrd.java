package io.embeddingoperator.api.schema;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The CRD as the records say it, and the checked-in files that are made of it: the API's copy, the chart's and the reference. */
final class GeneratedCrd {
    static final String COMMAND = "./mvnw -pl crds test-compile exec:java";
    static final Path FILE = Path.of("src/main/resources/META-INF/fabric8/embeddingjobs.embedding-operator.io-v1.yml");
    static final Path REFERENCE = Path.of("../docs/reference.md");
    private static final Path CHART = Path.of("../helm/embedding-operator/files");
    private static final Path SOURCES = Path.of("src/main/java");
    private static final String HEADER =
            "# Generated from the records of io.embeddingoperator.api.v1alpha1 by: " + COMMAND + "\n";

    private GeneratedCrd() {}

    /** Writes the CRD; its one argument is the folder of the module. */
    public static void main(String[] arguments) throws IOException {
        Path module = Path.of(arguments[0]);
        Path file = module.resolve(FILE);
        String yaml = yaml(module);
        Files.createDirectories(file.getParent());
        Files.writeString(file, yaml);
        Files.writeString(module.resolve(CHART).resolve(file.getFileName()), yaml);
        Files.writeString(module.resolve(REFERENCE), reference(yaml));
    }

    static String reference(String yaml) throws IOException {
        return ReferencePage.of(new YAMLMapper().readTree(yaml));
    }

    static String yaml(Path module) {
        var output = new Memory();
        var schema = new SchemaCompletion(ApiJavadoc.read(module.resolve(SOURCES)));
        new CRDGenerator()
                .customResourceClasses(EmbeddingJob.class)
                .forCRDVersions("v1")
                .withPostProcessor(new CRDPostProcessor() {
                    @Override
                    public HasMetadata process(HasMetadata crd, String version) {
                        schema.complete((CustomResourceDefinition) crd);
                        return crd;
                    }
                })
                .withOutput(output)
                .generate();
        return HEADER + output.bytes.toString(StandardCharsets.UTF_8).replaceFirst("^#.*\n", "");
    }

    private static final class Memory implements CRDGenerator.CRDOutput<ByteArrayOutputStream> {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public ByteArrayOutputStream outputFor(String crdName) {
            return bytes;
        }

        @Override
        public void close() {}
    }
}
