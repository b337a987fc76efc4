// esbuild gathers imported stylesheets into the page's own file.
declare module '*.css';
