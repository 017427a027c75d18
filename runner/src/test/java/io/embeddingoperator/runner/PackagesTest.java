package io.embeddingoperator.runner;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The packages know each other in one direction, as documents flow through them. */
class PackagesTest {
    private static final String RUNNER = "io.embeddingoperator.runner";

    /** Each may know those before it, and none behind it. */
    private static final List<String> ORDER = List.of(
            "activity",
            "document",
            "failure",
            "money",
            "logging",
            "manifest",
            "memory",
            "http",
            "postgres",
            "source",
            "embed",
            "chunk",
            "batch",
            "pipeline",
            "plan",
            "sink",
            "batches",
            "progress",
            "serve",
            "run",
            "command");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(RUNNER);

    @Test
    void noneKnowsAnotherThatKnowsIt() {
        slices().matching(RUNNER + ".(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void documentsFlowInOneDirection() {
        List<String> later = new ArrayList<>(ORDER);
        for (String earlier : ORDER) {
            later.remove(earlier);
            if (!later.isEmpty()) {
                noClasses()
                        .that()
                        .resideInAPackage(RUNNER + "." + earlier + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(later.stream()
                                .map(name -> RUNNER + "." + name + "..")
                                .toArray(String[]::new))
                        .check(CLASSES);
            }
        }
    }

    @Test
    void theRunnerAndTheOperatorMeetInTheirContractAlone() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.embeddingoperator.operator..")
                .check(CLASSES);
    }
}
