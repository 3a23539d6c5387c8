import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

// Cloudscape's styles carry eight faces of a font in base64, a third of the first page; the system's own font does.
const withoutFonts: Plugin = {
  name: 'without-fonts',
  enforce: 'pre',
  transform: (code, id) => (id.includes('global-styles/index.css') ? code.replace(/@font-face\s*\{[^}]*\}/g, '') : undefined),
}

const server = process.env.CUMULET ?? 'http://localhost:4566'

export default defineConfig({
  base: '/_console/',
  plugins: [withoutFonts, react()],
  build: {
    outDir: '../src/cumulet/faces/console/site',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    // Names without hashes: a change to one file changes that file only. The server sends ETags and "no-cache".
    rollupOptions: {
      output: { entryFileNames: 'assets/[name].js', chunkFileNames: 'assets/[name].js', assetFileNames: 'assets/[name][extname]' },
    },
  },
  server: {
    proxy: {
      '/_console/api': {
        target: server,
        configure: (proxy) => proxy.on('proxyReq', (request) => request.setHeader('origin', server)),
        changeOrigin: true,
      },
    },
  },
})
