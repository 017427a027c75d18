package io.embeddingoperator.api.schema;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The CRDs as the records say them, and the checked-in files that are made of them: the API's copies, the chart's and the references. */
final class GeneratedCrd {
    static final String COMMAND = "./mvnw -pl crds test-compile exec:java";
    private static final Path CHART = Path.of("../helm/embedding-operator/files");
    private static final Path SOURCES = Path.of("src/main/java");
    private static final String HEADER =
            "# Generated from the records of io.embeddingoperator.api.v1alpha1 by: " + COMMAND + "\n";

    private GeneratedCrd() {}

    /** Writes the CRDs; its one argument is the folder of the module. */
    public static void main(String[] arguments) throws IOException {
        Path module = Path.of(arguments[0]);
        for (ApiKind kind : ApiKind.values()) {
            Path file = module.resolve(kind.crd());
            String yaml = yaml(kind, module);
            Files.createDirectories(file.getParent());
            Files.writeString(file, yaml);
            Files.writeString(module.resolve(CHART).resolve(file.getFileName()), yaml);
            Files.writeString(module.resolve(kind.reference()), reference(yaml));
        }
    }

    static String reference(String yaml) throws IOException {
        return ReferencePage.of(new YAMLMapper().readTree(yaml));
    }

    static String yaml(ApiKind kind, Path module) {
        var output = new Memory();
        var schema = new SchemaCompletion(kind, ApiJavadoc.read(module.resolve(SOURCES)));
        new CRDGenerator()
                .customResourceClasses(kind.resource())
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
