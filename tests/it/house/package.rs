//! A package's files as far as the rules need them: what each imports, exports anew and declares.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{Item, UseTree, Visibility};

/// A path of names from the package's root.
pub(super) type ModulePath = Vec<String>;

/// The files of a package, by their modules.
#[derive(Debug, Default)]
pub(super) struct Package {
    pub(super) files: BTreeMap<ModulePath, File>,
}

/// One file.
#[derive(Debug, Default)]
pub(super) struct File {
    /// What it names of this package, by paths from the root.
    pub(super) imports: BTreeSet<ModulePath>,
    /// What it exports that stands elsewhere, by the name it has here.
    pub(super) exports: BTreeMap<String, ModulePath>,
    /// The types that others can name.
    pub(super) types: Vec<String>,
}

impl Package {
    /// Reads all files below a folder, tests and these modules left out.
    pub(super) fn read(folder: &Path, without: &[&str]) -> Self {
        let mut files = BTreeMap::new();
        for entry in walkdir::WalkDir::new(folder) {
            let path = entry.unwrap().into_path();
            if path.extension().is_none_or(|end| end != "rs") {
                continue;
            }
            let inside = path.strip_prefix(folder).unwrap().with_extension("");
            let mut module: Vec<_> = inside.iter().map(|name| name.to_str().unwrap()).collect();
            let is_test = module
                .iter()
                .any(|name| *name == "tests" || *name == "fake");
            if is_test || without.contains(&module[0]) {
                continue;
            }
            if matches!(module.last(), Some(&("mod" | "lib"))) {
                module.pop();
            }
            files.insert(module.join("::"), fs::read_to_string(path).unwrap());
        }
        Self::parse(&files)
    }

    /// Parses files, by their modules; the root's module is empty.
    pub(super) fn parse(files: &BTreeMap<String, String>) -> Self {
        let split = |module: &str| -> ModulePath {
            let names = module.split("::").filter(|name| !name.is_empty());
            names.map(str::to_owned).collect()
        };
        let modules: BTreeSet<_> = files.keys().map(|module| split(module)).collect();
        let files = modules.iter().zip(files.values());
        let files = files.map(|(module, text)| (module.clone(), file(module, text, &modules)));
        Self {
            files: files.collect(),
        }
    }

    /// The same package with its root a module of the crate, whose paths begin with its name.
    pub(super) fn below(mut self, module: &str) -> Self {
        for file in self.files.values_mut() {
            let paths = std::mem::take(&mut file.imports).into_iter();
            let inner = paths.filter(|path| path.first().is_some_and(|first| first == module));
            file.imports = inner.map(|path| path[1..].to_vec()).collect();
        }
        self
    }

    /// The file in which what a path names is declared.
    pub(super) fn home(&self, path: &[String]) -> Option<&ModulePath> {
        let mut depths = (0..=path.len()).rev();
        let (module, file) = depths.find_map(|depth| self.files.get_key_value(&path[..depth]))?;
        let elsewhere = path
            .get(module.len())
            .and_then(|name| file.exports.get(name));
        match elsewhere {
            Some(elsewhere) if elsewhere.as_slice() != path => self.home(elsewhere),
            _ => Some(module),
        }
    }
}

fn file(module: &ModulePath, text: &str, modules: &BTreeSet<ModulePath>) -> File {
    let syntax = syn::parse_file(text).unwrap_or_else(|error| panic!("{module:?}: {error}"));
    let mut names = Names {
        module,
        modules,
        file: File::default(),
    };
    names.visit_file(&syntax);
    names.file
}

/// Gathers what a file names.
struct Names<'a> {
    module: &'a ModulePath,
    modules: &'a BTreeSet<ModulePath>,
    file: File,
}

impl Names<'_> {
    /// A path from the root, if it leads into this package.
    fn whole_path(&self, path: &[String]) -> Option<ModulePath> {
        let (first, rest) = path.split_first()?;
        let up = |levels: usize| self.module.len().checked_sub(levels);
        let base = match first.as_str() {
            "crate" => Vec::new(),
            "self" => self.module.clone(),
            "super" => self.module[..up(1)?].to_vec(),
            child => {
                let mut base = self.module.clone();
                base.push(child.to_owned());
                return self
                    .modules
                    .contains(&base)
                    .then(|| [base, rest.to_vec()].concat());
            }
        };
        let supers = rest.iter().take_while(|name| *name == "super").count();
        let base = base[..base.len().checked_sub(supers)?].to_vec();
        Some([base, rest[supers..].to_vec()].concat())
    }

    fn item_type(&mut self, visibility: &Visibility, name: &syn::Ident) {
        if !matches!(visibility, Visibility::Inherited) {
            self.file.types.push(name.to_string());
        }
    }
}

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Struct(item) => self.item_type(&item.vis, &item.ident),
            Item::Enum(item) => self.item_type(&item.vis, &item.ident),
            Item::Union(item) => self.item_type(&item.vis, &item.ident),
            Item::Trait(item) => self.item_type(&item.vis, &item.ident),
            Item::Type(item) => self.item_type(&item.vis, &item.ident),
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let mut leaves = Vec::new();
        flatten(&item.tree, &mut Vec::new(), &mut leaves);
        for (path, name) in leaves {
            let Some(path) = self.whole_path(&path) else {
                continue;
            };
            if matches!(item.vis, Visibility::Inherited) {
                self.file.imports.insert(path);
            } else {
                self.file.exports.insert(name, path);
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<_> = path
            .segments
            .iter()
            .map(|one| one.ident.to_string())
            .collect();
        if names.len() > 1
            && let Some(path) = self.whole_path(&names)
        {
            self.file.imports.insert(path);
        }
        visit::visit_path(self, path);
    }
}

/// The paths of a `use`, each with the name it is known by afterwards.
fn flatten(tree: &UseTree, path: &mut Vec<String>, leaves: &mut Vec<(ModulePath, String)>) {
    let mut leaf = |name: String, known_as: String| {
        let mut whole = path.clone();
        if name != "self" {
            whole.push(name);
        }
        leaves.push((whole, known_as));
    };
    match tree {
        UseTree::Name(name) => leaf(name.ident.to_string(), name.ident.to_string()),
        UseTree::Rename(name) => leaf(name.ident.to_string(), name.rename.to_string()),
        UseTree::Glob(_) => leaf("*".to_owned(), "*".to_owned()),
        UseTree::Path(inner) => {
            path.push(inner.ident.to_string());
            flatten(&inner.tree, path, leaves);
            path.pop();
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, path, leaves);
            }
        }
    }
}
